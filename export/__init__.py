"""From a trained model to the one ONNX file the stage plays; needs PyTorch."""
