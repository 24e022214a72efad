# libsightline_torch: torch.cpp over libtorch.
