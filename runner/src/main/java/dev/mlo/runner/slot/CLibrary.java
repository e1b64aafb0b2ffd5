package dev.mlo.runner.slot;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The calls of the C library that Java has no way to make.
final class CLibrary {
  private static final Linker LINKER = Linker.nativeLinker();

  private CLibrary() {}

  /// @return nothing where there is no such call
  @SuppressWarnings("restricted")
  static Optional<MethodHandle> find(String name, FunctionDescriptor shape) {
    return LINKER.defaultLookup().find(name).map(address -> LINKER.downcallHandle(address, shape));
  }
}
