package org.adaptivesoftmax.cli;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/** Whether standard error is a terminal that can draw, and how wide. Java itself tells neither. */
final class StandardError {
  private static final int DESCRIPTOR = 2;
  private static final int DEFAULT_COLUMNS = 80;

  /** The request that asks a terminal for its size: rows, columns, and two numbers of pixels. */
  private static final long SIZE_REQUEST = Platform.isMac() ? 0x40087468L : 0x5413L;

  private static final int SIZE_FIELDS = 4;
  private static final int COLUMNS_FIELD = 1;

  private StandardError() {}

  /** The C library's terminals. */
  private interface Terminals extends Library {
    int isatty(int descriptor);

    int ioctl(int descriptor, long request, Object... size);
  }

  /** The number of columns; 0 if standard error leads elsewhere, or to a terminal that cannot return to a line's start. */
  @SuppressWarnings(
      "SystemConsoleNull") // On newer Java a redirected Windows shows a bar, which is all.
  static int columns() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return 0;
    }
    if (Platform.isWindows()) {
      return System.console() == null ? 0 : DEFAULT_COLUMNS;
    }
    try {
      return columns(Native.load(Platform.C_LIBRARY_NAME, Terminals.class));
    } catch (LinkageError e) {
      // Without JNA's own library plain lines are safe everywhere.
      return 0;
    }
  }

  private static int columns(Terminals terminals) {
    if (terminals.isatty(DESCRIPTOR) != 1) {
      return 0;
    }
    short[] size = new short[SIZE_FIELDS];
    boolean told = terminals.ioctl(DESCRIPTOR, SIZE_REQUEST, new Object[] {size}) == 0;
    return told && size[COLUMNS_FIELD] > 0 ? size[COLUMNS_FIELD] : DEFAULT_COLUMNS;
  }
}
