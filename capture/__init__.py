"""Bytes in: proxies, flow files, HAR and pcap become exchanges and connections."""
