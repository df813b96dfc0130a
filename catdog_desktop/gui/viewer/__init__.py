"""The preview beside the gallery, and the viewer: one photo, or two to compare, in the whole window."""
