"""Models: their files, their input and output, and classifying a photo with them."""
