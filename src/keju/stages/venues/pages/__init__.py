"""Pages of hosts, sites and rooms."""
