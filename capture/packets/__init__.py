"""What a pcap holds: from frames to segments, streams, TLS records, plain text and exchanges, one stage a file."""
