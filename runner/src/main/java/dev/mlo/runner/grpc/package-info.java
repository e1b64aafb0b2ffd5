/// Open Inference Protocol and health over gRPC, on a port of its own as the field has it.
@NullMarked
package dev.mlo.runner.grpc;

import org.jspecify.annotations.NullMarked;
