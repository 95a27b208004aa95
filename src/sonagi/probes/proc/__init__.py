"""What the kernel writes under /proc and /sys, as numbers: text in, numbers out, nothing is read here.

Every parser takes what older kernels leave out, and passes over what newer ones add.
"""
