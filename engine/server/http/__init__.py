"""HTTP and WebSockets: routes, limits, and who may ask."""
