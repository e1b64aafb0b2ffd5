package dev.mlo.backend.pmml;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What Java's XML parser bears while the engine reads a document that was looked through before.
///
/// The engine takes the parser as Java makes it, and that counts every `&lt;` and every character
/// by number against a limit meant for entities; a larger model has more of them. A document that
/// came this far defines no entities, so the limits guard nothing. Only system properties reach the
/// engine's parser; they are set back when it has read.
final class ParserLimits {
  private static final ReentrantLock LOCK = new ReentrantLock();

  /// 0 is no limit.
  private static final Map<String, String> WHILE_READING =
      Map.of(
          "jdk.xml.maxGeneralEntitySizeLimit", "0",
          "jdk.xml.totalEntitySizeLimit", "0",
          "jdk.xml.maxElementDepth", "0");

  private ParserLimits() {}

  static <T> T lifted(Supplier<T> reading) {
    LOCK.lock();
    var before = new HashMap<String, @Nullable String>();
    try {
      WHILE_READING.forEach((name, value) -> before.put(name, System.setProperty(name, value)));
      return reading.get();
    } finally {
      before.forEach((name, value) -> {
        if (value == null) {
          System.clearProperty(name);
        } else {
          System.setProperty(name, value);
        }
      });
      LOCK.unlock();
    }
  }
}
