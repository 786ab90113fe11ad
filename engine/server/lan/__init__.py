"""Reach a server from other machines of the network: addresses, certificates, and the code of a link."""
