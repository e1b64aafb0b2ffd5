package dev.mlo.backend.onnx;

import dev.mlo.backend.InferenceException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What [MemoryTest] runs in a process of its own; prints what it sees.
final class MemoryProbe {
  private static final int WEIGHTS = 16 << 20;

  private MemoryProbe() {}

  public static void main(String[] words) throws Exception {
    Path directory = Path.of(words[0]);
    switch (words[1]) {
      case "cycles" -> cycles(directory, Integer.parseInt(words[2]));
      case "fill" -> fill(directory, List.of(words).subList(2, words.length));
      case "grow" -> grow(directory, Integer.parseInt(words[2]));
      default -> limit(directory);
    }
  }

  /// Opens, asks with inputs of growing length, closes.
  private static void cycles(Path directory, int count) throws Exception {
    writeLarge(directory);
    for (int i = 0; i < count; i++) {
      try (Session session = open(directory)) {
        for (int length = 1; length <= 1 << 18; length *= 8) {
          session.infer(List.of(zeros(length)), List.of());
        }
      }
      LibC.trim();
      print(Long.toString(resident()));
    }
  }

  /// `y = x + max(w) + max(-w)`, where `w` has 64 MiB of zeros.
  private static void writeLarge(Path directory) throws Exception {
    Path weights = directory.resolve("weights");
    try (var file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.setLength(4L * WEIGHTS);
    }
    OnnxFile external =
        new OnnxFile()
            .number(1, WEIGHTS)
            .number(2, OnnxFile.FLOAT)
            .text(8, "w")
            .message(13, new OnnxFile().text(1, "location").text(2, "weights"))
            .number(14, 1);
    OnnxFile.write(
        directory,
        new OnnxFile()
            .message(1, OnnxFile.node("ReduceMax", "", List.of("w"), "max"))
            .message(1, OnnxFile.node("Neg", "", List.of("w"), "negative"))
            .message(1, OnnxFile.node("ReduceMax", "", List.of("negative"), "min"))
            .message(1, OnnxFile.node("Add", "", List.of("max", "min"), "sum"))
            .message(1, OnnxFile.node("Add", "", List.of("x", "sum"), "y"))
            .message(5, external)
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1)));
  }

  private static void fill(Path directory, List<String> counts) throws Exception {
    OnnxFile.write(
        directory,
        new OnnxFile()
            .message(1, OnnxFile.node("ConstantOfShape", "", List.of("x"), "y"))
            .message(11, OnnxFile.tensor("x", OnnxFile.INT64, 1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1)));
    try (Session session = open(directory)) {
      for (String count : counts) {
        ByteBuffer data =
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, Long.parseLong(count));
        infer(session, new Tensor.Numbers("x", DataType.INT64, Shape.of(1), data));
      }
    }
  }

  private static void grow(Path directory, int times) throws Exception {
    OnnxFile axis = new OnnxFile().text(1, "axis").number(3, 0).number(20, 2);
    OnnxFile next = OnnxFile.node("Concat", "", List.of("s", "s"), "next").message(5, axis);
    OnnxFile.write(directory, OnnxFile.endless(next));
    try (Session session = open(directory)) {
      for (int i = 0; i < times; i++) {
        infer(session, zeros(1));
      }
    }
  }

  private static void limit(Path directory) throws Exception {
    OnnxFile.write(directory, OnnxFile.identity(OnnxFile.FLOAT));
    open(directory).close();
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      if (line.startsWith("Max data size")) {
        print(line.replaceAll(" +", " "));
      }
    }
  }

  private static Session open(Path directory) throws Exception {
    return new OnnxBackend().open(directory, "model.onnx", 1);
  }

  private static void infer(Session session, Tensor input) {
    try {
      print(session.infer(List.of(input), List.of()).getFirst().shape().elements() + " elements");
    } catch (InferenceException e) {
      print(String.valueOf(e.getMessage()));
    }
  }

  private static Tensor zeros(int length) {
    return new Tensor.Numbers(
        "x", DataType.FP32, Shape.of(length), ByteBuffer.allocate(4 * length));
  }

  /// In MiB.
  private static long resident() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IllegalStateException("this process has no size");
  }

  private static void print(String line) {
    System.out.println(line);
  }
}
