package org.adaptivesoftmax.bench.faults;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What happens in place of a system call. */
enum Fault {
  /** The process ends there. */
  KILL("signal=SIGKILL", ""),
  /** The disk is full. */
  NO_SPACE("error=ENOSPC", "no space left on device"),
  /** The disk is broken. */
  IO_ERROR("error=EIO", "input/output error");

  private final String injection;
  private final String words;

  Fault(String injection, String words) {
    this.injection = injection;
    this.words = words;
  }

  /** As strace's {@code inject} has it. */
  String injection() {
    return injection;
  }

  /** What the system says of it, in lower case. */
  String words() {
    return words;
  }

  /** As reports have it. */
  @JsonValue
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
