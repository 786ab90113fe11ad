"""Signal processing: compiled estimators that turn 16 kHz mono audio into one feature frame per 10 ms hop."""
