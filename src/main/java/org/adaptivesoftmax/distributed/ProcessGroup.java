package org.adaptivesoftmax.distributed;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The processes of a cluster on this machine, which live and die together: when one fails, or gives no sign of life, all are
 * ended. So they are when this process ends, however it does: their input ends, and {@link SignOfLife} sees it.
 */
public final class ProcessGroup implements AutoCloseable {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  /** Until the first sign of life, beside the timeout: Java and TensorFlow start first, on a machine that may be busy. */
  private static final Duration TO_START = Duration.ofSeconds(60);

  private static final String FAILURE = "adaptive-softmax: ";

  private final List<Member> members = new ArrayList<>();
  private final Path directory;
  private final Duration timeout;

  /** One process. */
  private static final class Member {
    private final Process process;
    private final Thread reading;
    private final long started = System.currentTimeMillis();
    private volatile String failure = "";

    Member(Process process, Consumer<String> lines) {
      this.process = process;
      this.reading = new Thread(() -> read(lines));
      reading.setDaemon(true);
      reading.start();
    }

    private void read(Consumer<String> lines) {
      try (BufferedReader errors = process.errorReader()) {
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
          if (line.startsWith(FAILURE)) {
            failure = line.substring(FAILURE.length());
          } else {
            lines.accept(line);
          }
        }
      } catch (IOException ended) {
        return;
      }
    }
  }

  /**
   * Why the group cannot go on.
   *
   * @param index of the process that was seen to fail first
   * @param exitCode its exit code; −1 if it gives no sign of life
   * @param message what it said
   */
  public record Failure(int index, int exitCode, String message) {}

  private ProcessGroup(Path directory, Duration timeout) {
    this.directory = directory;
    this.timeout = timeout;
  }

  /**
   * Starts the processes.
   *
   * @param directory where their {@link SignOfLife} is
   * @param timeout after which a process without a sign of life has failed
   * @param lines hears what the first writes to standard error, but for its failure
   * @throws IOException if one cannot be started; those that were are ended
   */
  public static ProcessGroup start(
      List<ProcessBuilder> builders, Path directory, Duration timeout, Consumer<String> lines)
      throws IOException {
    ProcessGroup group = new ProcessGroup(directory, timeout);
    try {
      for (ProcessBuilder builder : builders) {
        group.members.add(
            new Member(builder.start(), group.members.isEmpty() ? lines : line -> {}));
      }
      return group;
    } catch (IOException e) {
      group.close();
      throw e;
    }
  }

  /**
   * Waits until all have ended well, or one has not.
   *
   * @return what failed, if anything did
   */
  public Optional<Failure> await() throws IOException, InterruptedException {
    while (true) {
      boolean all = true;
      for (int index = 0; index < members.size(); index++) {
        Member member = members.get(index);
        if (member.process.isAlive()) {
          all = false;
          if (System.currentTimeMillis() > lastSign(index) + timeout.toMillis()) {
            String message = "no sign of life for %d s".formatted(timeout.toSeconds());
            return Optional.of(new Failure(index, -1, message));
          }
        } else if (member.process.exitValue() != 0) {
          member.reading.join(BETWEEN_LOOKS.toMillis() * 20);
          return Optional.of(new Failure(index, member.process.exitValue(), member.failure));
        }
      }
      if (all) {
        return Optional.empty();
      }
      Thread.sleep(BETWEEN_LOOKS.toMillis());
    }
  }

  private long lastSign(int index) throws IOException {
    Path sign = SignOfLife.file(directory, index);
    return Files.exists(sign)
        ? Files.getLastModifiedTime(sign).toMillis()
        : members.get(index).started + TO_START.toMillis();
  }

  /** The process ids, for whoever wants to look at them. */
  public List<Long> pids() {
    return members.stream().map(member -> member.process.pid()).toList();
  }

  /** Ends every process that is left, at once, and waits until it is gone. */
  @Override
  public void close() {
    members.forEach(member -> member.process.destroyForcibly());
    boolean interrupted = false;
    for (Member member : members) {
      while (member.process.isAlive()) {
        try {
          member.process.waitFor();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
