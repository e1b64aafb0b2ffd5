/// What an ONNX file says of itself, read as a stream and without its weights, and whether the
/// engine takes it. The command asks before it builds, the engine again before it opens.
@NullMarked
package dev.mlo.onnx;

import org.jspecify.annotations.NullMarked;
