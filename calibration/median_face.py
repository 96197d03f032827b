"""The median face of the 442 public motion maps: where its regions lie in the crop, and how large it is."""

# fmt: off
CENTRES = ((.038, .160), (.244, .177), (.744, .179), (.945, .158), (.220, .260), (.494, .233), (.768, .259),
           (.217, .453), (.769, .452), (.319, .726), (.497, .641), (.683, .723), (.498, .730), (.500, .907))
# fmt: on
"""Of the regions in their order, shares of the crop, x right, y down: `np.median(maps.roi_center, axis=0)`."""
SIZE = (1.103, 1.047)
"""Width and height, shares of the crop."""
