package dev.mlo.cli;

/// Runs several command lines in one process, each given as one argument with its words set apart
/// by spaces. The installer has Java record an AOT cache meanwhile, which then knows the classes of
/// all of them. A line that starts with `!` is a mistake and must end as one; any other must
/// succeed, for the classes of work that was refused at its start are not those of work that was
/// done.
final class Rehearsal {
  private Rehearsal() {}

  public static void main(String[] lines) {
    Interrupt interrupt = Interrupt.install(Thread.currentThread());
    boolean asExpected = true;
    for (String line : lines) {
      boolean mistake = line.startsWith("!");
      String[] words = (mistake ? line.substring(1) : line).split(" ");
      WarmUp.start(words);
      int code = Mlo.execute(() -> false, words);
      if (mistake == (code == 0)) {
        System.err.println("error: `" + line + "` ended with " + code);
        asExpected = false;
      }
    }
    interrupt.finish();
    System.exit(asExpected ? 0 : 1);
  }
}
