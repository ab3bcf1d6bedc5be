package org.adaptivesoftmax.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * How far some work is, on standard error: a bar on a terminal, which is drawn anew where it stands; elsewhere, in a file or
 * a log, a plain line every ten seconds.
 */
public final class Progress implements AutoCloseable {
  private static final int BAR_MILLIS = 500;
  private static final int LINE_MILLIS = 10_000;

  private final Display display;
  private final ProgressBar bar;

  /**
   * Work on standard error.
   *
   * @param task what is done
   * @param unit of what is counted, in the plural
   * @param total number of units; −1 if it is unknown
   */
  public Progress(String task, String unit, long total) {
    this(task, unit, total, 0);
  }

  /**
   * Work that was begun before.
   *
   * @param task what is done
   * @param unit of what is counted, in the plural
   * @param total number of units
   * @param done those that an earlier run did
   */
  Progress(String task, String unit, long total, long done) {
    this(
        task,
        total,
        done,
        new Display(System.err, unit, StandardError.columns()),
        StandardError.columns() > 0 ? BAR_MILLIS : LINE_MILLIS);
  }

  /** Work on a given display, drawn anew after some milliseconds. */
  Progress(String task, long total, long done, Display display, int millis) {
    this.display = display;
    bar =
        ProgressBar.builder()
            .setTaskName(task)
            .setInitialMax(total)
            .startsFrom(done, Duration.ZERO)
            .setUpdateIntervalMillis(millis)
            .setRenderer(display)
            .setConsumer(display)
            .build();
  }

  /** One unit is done. */
  public void step() {
    bar.step();
  }

  /**
   * Some units are done.
   *
   * @param units how many
   * @param note what else is reported; may be empty
   */
  public void step(long units, String note) {
    bar.setExtraMessage(note);
    bar.stepBy(units);
  }

  /** So many units are done in all. */
  void at(long units) {
    bar.stepTo(units);
  }

  /** Writes a line that stays. */
  void line(String text) {
    display.line(text);
  }

  @Override
  public void close() {
    bar.close();
  }

  /** Where and how progress is shown. */
  static final class Display implements ProgressBarRenderer, ProgressBarConsumer {
    private static final int LONGEST_BAR = 40;
    private static final int SHORTEST_BAR = 5;

    private final PrintStream out;
    private final String unit;
    private final int columns;
    private String shown = "";
    private long told;

    /**
     * @param out the stream
     * @param unit of what is counted, in the plural
     * @param columns of the terminal; 0 for plain lines
     */
    Display(PrintStream out, String unit, int columns) {
      this.out = out;
      this.unit = unit;
      this.columns = columns;
    }

    @Override
    public synchronized String render(ProgressState state, int maxLength) {
      long done = state.getCurrent() - state.getStart();
      if (state.isIndefinite()) {
        return counted(state, done, maxLength);
      }
      int percent = (int) (100 * state.getNormalizedProgress());
      String rest = rest(state, done);
      if (columns == 0) {
        boolean news = done > told;
        told = done;
        return news ? "%s %d %%%s".formatted(state.getTaskName(), percent, rest) : "";
      }
      String start = "%s %3d %%".formatted(state.getTaskName(), percent);
      int length = Math.min(LONGEST_BAR, maxLength - start.length() - rest.length() - 3);
      String line =
          length < SHORTEST_BAR ? start + rest : start + bar(state, length) + rest.substring(1);
      return line.substring(0, Math.min(line.length(), maxLength));
    }

    /** What is told while nobody knows the total. */
    private String counted(ProgressState state, long done, int maxLength) {
      double seconds = state.getElapsedAfterStart().toMillis() / 1e3;
      boolean news = columns > 0 || done > told;
      told = done;
      String line =
          news && seconds > 0
              ? String.format(
                  Locale.ROOT,
                  "%s %,d %s, %,.0f %s/s",
                  state.getTaskName(),
                  done,
                  unit,
                  done / seconds,
                  unit)
              : "";
      return line.substring(0, Math.min(line.length(), maxLength));
    }

    private static String bar(ProgressState state, int length) {
      int full = (int) (length * state.getNormalizedProgress());
      return " [%s%s]".formatted("=".repeat(full), " ".repeat(length - full));
    }

    /** What is told beside the share, each part after a comma. */
    private String rest(ProgressState state, long done) {
      List<String> parts = new ArrayList<>();
      double seconds = state.getElapsedAfterStart().toMillis() / 1e3;
      if (done > 0 && seconds > 0) {
        parts.add("%,.0f %s/s".formatted(done / seconds, unit));
        long left = Math.round((state.getMax() - state.getCurrent()) * seconds / done);
        parts.add(time(left) + " left");
      }
      if (!state.getExtraMessage().isEmpty()) {
        parts.add(state.getExtraMessage());
      }
      StringBuilder rest = new StringBuilder();
      parts.forEach(part -> rest.append(", ").append(part));
      return rest.isEmpty() ? ", " : rest.toString();
    }

    private static String time(long seconds) {
      Duration time = Duration.ofSeconds(seconds);
      return time.toHours() > 0
          ? String.format(
              Locale.ROOT,
              "%d:%02d:%02d",
              time.toHours(),
              time.toMinutesPart(),
              time.toSecondsPart())
          : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }

    /** A terminal goes to the next line if its last column is filled. */
    @Override
    public int getMaxRenderedLength() {
      return columns == 0 ? Integer.MAX_VALUE : columns - 1;
    }

    @Override
    public synchronized void accept(String text) {
      if (columns > 0) {
        out.print("\r" + padded(text));
        out.flush();
      } else if (!text.isEmpty()) {
        out.println(text);
      }
      shown = text;
    }

    /** Writes a line that stays, above the bar. */
    synchronized void line(String text) {
      out.println(columns > 0 ? "\r" + padded(text) : text);
    }

    private String padded(String text) {
      return text + " ".repeat(Math.max(0, shown.length() - text.length()));
    }

    @Override
    public synchronized void close() {
      if (columns > 0) {
        out.println();
      }
      out.flush();
    }
  }
}
