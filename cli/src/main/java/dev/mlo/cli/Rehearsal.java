package dev.mlo.cli;

/// Runs several command lines in one process, each given as one argument with its words set apart
/// by spaces. The installer has Java record an AOT cache meanwhile, which then knows the classes of
/// all of them; that some fail does not matter.
final class Rehearsal {
  private Rehearsal() {}

  public static void main(String[] lines) {
    Interrupt interrupt = Interrupt.install(Thread.currentThread());
    for (String line : lines) {
      Mlo.execute(line.split(" "));
    }
    interrupt.finish();
    System.exit(0);
  }
}
