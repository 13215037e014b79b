"""What planted results of several rooms share."""

from discover.core.types import ClusterTendency

TENDENCY = ClusterTendency(p=0.001, ratio=0.6, clustered=True, distance=0.7)  # of a catalog with themes
