"""mitmproxy's addons are imported once before the tests: a library below them (ldap3) warns, and warnings are errors."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import mitmproxy.addons  # noqa: F401 - imported for what it does, see above
