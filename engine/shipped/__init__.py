"""What ships with the package: profiles, drills, their lines and questions."""
