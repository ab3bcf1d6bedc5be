package org.adaptivesoftmax.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedDirectoryTest {
  /** A path may have 4,095 bytes. */
  private static final int LONGEST_PATH = 4095;

  private static final int LONGEST_NAME = 255;

  @TempDir Path directory;

  /** The base directory can be made, the longer name of the lock file below it cannot. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void aLockThatCannotBeOpenedIsForgotten() throws IOException {
    Path base = directory.toRealPath();
    while (base.toString().length() < LONGEST_PATH - 20) {
      int rest = LONGEST_PATH - 10 - base.toString().length();
      base = base.resolve("d".repeat(Math.min(LONGEST_NAME, rest)));
    }
    Files.createDirectories(base);
    Path model = base;
    assertThatThrownBy(() -> UnfinishedDirectory.create(model)).isInstanceOf(IOException.class);
    assertThat(UnfinishedDirectory.OWN_LOCKS).noneMatch(lock -> lock.startsWith(model));
  }

  @Test
  void aClosedVersionIsForgotten() throws IOException {
    Path real = directory.toRealPath();
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(directory)) {
      assertThat(unfinished.directory()).isEmptyDirectory();
      assertThat(UnfinishedDirectory.OWN_LOCKS).anyMatch(lock -> lock.startsWith(real));
    }
    assertThat(UnfinishedDirectory.OWN_LOCKS).noneMatch(lock -> lock.startsWith(real));
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  @Timeout(60)
  void aPipeOfALocksNameIsNotWaitedFor() throws Exception {
    Path pipe = directory.resolve(".unfinished-x.lock");
    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    UnfinishedDirectory.create(directory).close();
    assertThat(pipe).exists();
  }
}
