package dev.mlo.runner.slot;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Gives freed native memory back to the system. glibc keeps what an engine freed (a closed 100 MB
/// forest left 1 GB resident); `malloc_trim(3)` returns it in some tens of milliseconds.
final class NativeMemory {
  private NativeMemory() {}

  /// What to call after a version was closed; does nothing where the C library has no
  /// `malloc_trim`.
  static Runnable trimmer() {
    return CLibrary.find(
            "malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG))
        .<Runnable>map(trim -> () -> call(trim))
        .orElse(() -> {});
  }

  private static void call(MethodHandle trim) {
    try {
      // 1 when memory was given back, 0 when there was none to give.
      int ignored = (int) trim.invokeExact(0L);
    } catch (Throwable e) {
      throw new IllegalStateException("malloc_trim takes a size and returns an int", e);
    }
  }
}
