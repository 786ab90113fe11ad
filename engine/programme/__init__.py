"""Training like a model: skills, gaps, plans and validation as functions of takes; time is an argument."""
