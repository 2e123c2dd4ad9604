"""To draw with: a sheet and its SVG, marks, names beside points, axes. Nothing here knows what is drawn."""
