/// ONNX models on ONNX Runtime.
@NullMarked
package dev.mlo.backend.onnx;

import org.jspecify.annotations.NullMarked;
