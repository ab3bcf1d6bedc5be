package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The version of this library, as its build wrote it. */
public final class LibraryVersion {
  private static final String RESOURCE = "version.properties";

  private LibraryVersion() {}

  /** {@return the version, such as {@code 1.0.0}} */
  public static String get() {
    try (InputStream in = LibraryVersion.class.getResourceAsStream(RESOURCE)) {
      Properties properties = new Properties();
      properties.load(Objects.requireNonNull(in, RESOURCE));
      return Objects.requireNonNull(properties.getProperty("version"), RESOURCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
