package org.adaptivesoftmax.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.Event;

class EventFileTest {
  private static final int LENGTH_AND_CHECKSUM = 12;
  private static final int CHECKSUM = 4;

  private final Path directory;

  EventFileTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void writesScalarsThatTensorBoardReads() throws IOException {
    try (EventFile events = new EventFile(directory)) {
      events.scalar("loss", 3, 1.5);
      events.scalar("learning_rate", 4, 0.25);
    }
    assertThat(read())
        .filteredOn(Event::hasSummary)
        .extracting(
            event ->
                event.getStep()
                    + " "
                    + event.getSummary().getValue(0).getTag()
                    + " "
                    + event.getSummary().getValue(0).getSimpleValue())
        .containsExactly("3 loss 1.5", "4 learning_rate 0.25");
  }

  @Test
  void showsWhatWasFlushedBeforeItIsClosed() throws IOException {
    try (EventFile events = new EventFile(directory)) {
      events.scalar("loss", 3, 1.5);
      events.flush();
      assertThat(read()).filteredOn(Event::hasSummary).hasSize(1);
    }
  }

  /** Each would leave a graph and a session, which count until they are closed or collected. */
  @Test
  void filesThatCannotBeMadeLeaveNothingOpen() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    long before = Pointer.totalCount();
    for (int i = 0; i < 50; i++) {
      assertThatThrownBy(() -> new EventFile(file.resolve("below")))
          .isInstanceOf(TensorFlowException.class)
          .hasMessageContaining(file + " is not a directory")
          .hasNoSuppressedExceptions();
    }
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
  }

  /** The records of the one file: length, checksum, event, checksum. */
  private List<Event> read() throws IOException {
    List<Event> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> found = files.toList();
      assertThat(found).hasSize(1);
      ByteBuffer bytes =
          ByteBuffer.wrap(Files.readAllBytes(found.get(0))).order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining()) {
        int length = (int) bytes.getLong(bytes.position());
        byte[] event = new byte[length];
        bytes.position(bytes.position() + LENGTH_AND_CHECKSUM).get(event);
        bytes.position(bytes.position() + CHECKSUM);
        events.add(Event.parseFrom(event));
      }
    }
    return events;
  }
}
