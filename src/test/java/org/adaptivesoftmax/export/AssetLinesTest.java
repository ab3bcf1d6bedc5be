package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.op.Ops;

class AssetLinesTest {
  /** A write is a call of the operating system. */
  private static final class Writes extends OutputStream {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int count;

    @Override
    public void write(int b) {
      count++;
      bytes.write(b);
    }

    @Override
    public void write(byte[] some, int from, int length) {
      count++;
      bytes.write(some, from, length);
    }
  }

  @Test
  void manyLinesAreAFewWrites() throws IOException {
    List<String> lines = IntStream.range(0, 50_000).mapToObj(i -> "línea " + i).toList();
    Writes writes = new Writes();
    try (Graph graph = new Graph()) {
      AssetLines.create(Ops.create(graph), "lines", "lines.txt", lines).writeTo(writes);
    }
    assertThat(writes.bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo(String.join("\n", lines) + "\n");
    assertThat(writes.count).isLessThan(1 + writes.bytes.size() / 4096);
  }
}
