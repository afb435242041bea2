"""Training of the models livevae plays; needs PyTorch, which playing does not."""
