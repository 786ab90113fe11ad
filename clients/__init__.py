"""What a person sees: the page (``web``) and the terminal client (``terminal``)."""
