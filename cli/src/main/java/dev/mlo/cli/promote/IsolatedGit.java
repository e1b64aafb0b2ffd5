package dev.mlo.cli.promote;

import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/// The machine as JGit may see it when it works on the ledger: the real clock and environment, but
/// no configuration outside the ledger. A broken `~/.gitconfig`, an unwritable or missing HOME and
/// a slow `git` on the path must not decide whether a model can be promoted.
final class IsolatedGit extends SystemReader {
  private final SystemReader machine;

  private IsolatedGit(SystemReader machine) {
    this.machine = machine;
  }

  /// JGit keeps one reader a process, so this is said once before a ledger is touched and holds
  /// from then on.
  static synchronized void install() {
    SystemReader now = SystemReader.getInstance();
    if (!(now instanceof IsolatedGit)) {
      SystemReader.setInstance(new IsolatedGit(now));
    }
  }

  @Override
  public String getHostname() {
    return "localhost";
  }

  @Override
  public @Nullable String getenv(String variable) {
    return variable.startsWith("GIT_") ? null : machine.getenv(variable);
  }

  @Override
  public @Nullable String getProperty(String key) {
    return machine.getProperty(key);
  }

  @Override
  public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
    return new NoConfig(parent, fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
    return new NoConfig(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
    return new NoConfig(parent, fs);
  }

  @Override
  @SuppressWarnings("deprecation")
  public long getCurrentTime() {
    return machine.getCurrentTime();
  }

  @Override
  @SuppressWarnings("deprecation")
  public int getTimezone(long when) {
    return TimeZone.getTimeZone("UTC").getOffset(when) / 60_000;
  }

  /// Configuration that no file stands behind. It asks JGit to reach the disk before a branch
  /// moves; in the ledger's own file `git` would warn of these keys.
  private static final class NoConfig extends FileBasedConfig {
    NoConfig(@Nullable Config parent, FS fs) {
      super(parent, null, fs);
      setBoolean("core", null, "fsyncObjectFiles", true);
      setBoolean("core", null, "fsyncRefFiles", true);
    }

    @Override
    public void load() {}

    @Override
    public void save() {}

    @Override
    public boolean isOutdated() {
      return false;
    }

    /// JGit measures the clock of a file system for seconds, with probe files beside the ledger and
    /// a result below HOME. Its own assumption for a file system it could not measure, two seconds,
    /// serves here: the ledger is a handful of small files.
    @Override
    public long getTimeUnit(
        String section,
        @Nullable String subsection,
        String name,
        long defaultValue,
        TimeUnit unit) {
      return section.equals("filesystem")
          ? unit.convert(2, TimeUnit.SECONDS)
          : super.getTimeUnit(section, subsection, name, defaultValue, unit);
    }
  }
}
