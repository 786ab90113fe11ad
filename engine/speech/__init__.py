"""Speech recognition: samples in, words out. Runs in helper processes; the live path never imports it."""
