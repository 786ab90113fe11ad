"""The live server: WHIP and WebSockets on Starlette, each call a session of the core."""
