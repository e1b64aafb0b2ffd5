package dev.mlo.runner.model;

import java.util.Set;

/// What an engine's class loader sees of the runner: the JDK, the types an engine is written
/// against, and Jackson. Everything else an engine needs lies beside it, in whatever version.
final class EngineLoader extends ClassLoader {
  private static final Set<String> SHARED =
      Set.of("dev.mlo.backend", "dev.mlo.contract", "dev.mlo.json", "org.jspecify.annotations");
  private static final String JACKSON = "com.fasterxml.jackson.";

  private final ClassLoader runner;

  EngineLoader(ClassLoader runner) {
    super("mlo-engines", getPlatformClassLoader());
    this.runner = runner;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    int dot = name.lastIndexOf('.');
    String packageName = dot < 0 ? "" : name.substring(0, dot);
    if (SHARED.contains(packageName) || name.startsWith(JACKSON)) {
      return runner.loadClass(name);
    }
    throw new ClassNotFoundException(name);
  }
}
