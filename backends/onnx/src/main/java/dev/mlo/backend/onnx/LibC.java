package dev.mlo.backend.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The calls of the C library that Java has no way to make.
final class LibC {
  /// What a process may allocate: its private writable memory. The number is Linux's.
  private static final int RLIMIT_DATA = 2;

  private static final Linker LINKER = Linker.nativeLinker();

  private LibC() {}

  /// Sets a variable in the environment of this process, as native code sees it.
  ///
  /// @return false where there is no such call
  static boolean setenv(String name, String value) {
    Optional<MethodHandle> setenv =
        find(
            "setenv",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      return setenv.isPresent()
          && 0
              == (int)
                  setenv.get().invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
    } catch (Throwable e) {
      throw new IllegalStateException("setenv takes two strings and an int", e);
    }
  }

  /// Makes allocations fail beyond so many bytes; a lower limit that is there already stays.
  ///
  /// @return false where there is no such call
  static boolean limitData(long bytes) {
    FunctionDescriptor shape =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
    Optional<MethodHandle> get = find("getrlimit", shape);
    Optional<MethodHandle> set = find("setrlimit", shape);
    if (get.isEmpty() || set.isEmpty()) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      // The soft limit and the hard one, unsigned.
      MemorySegment limits = arena.allocate(ValueLayout.JAVA_LONG, 2);
      if ((int) get.get().invokeExact(RLIMIT_DATA, limits) != 0) {
        return false;
      }
      if (Long.compareUnsigned(limits.get(ValueLayout.JAVA_LONG, 0), bytes) <= 0) {
        return true;
      }
      limits.set(ValueLayout.JAVA_LONG, 0, bytes);
      return (int) set.get().invokeExact(RLIMIT_DATA, limits) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("getrlimit and setrlimit take an int and two longs", e);
    }
  }

  /// Gives back what was freed and is kept for the next allocation; does nothing where there is no
  /// such call.
  static void trim() {
    Optional<MethodHandle> trim =
        find("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    try {
      if (trim.isPresent()) {
        int ignored = (int) trim.get().invokeExact(0L);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("malloc_trim takes a size and returns an int", e);
    }
  }

  @SuppressWarnings("restricted")
  private static Optional<MethodHandle> find(String name, FunctionDescriptor shape) {
    return LINKER.defaultLookup().find(name).map(address -> LINKER.downcallHandle(address, shape));
  }
}
