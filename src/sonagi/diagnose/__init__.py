"""Evidence becomes findings. Pure: no file, clock or socket; a rule is one small file in `rules`."""
