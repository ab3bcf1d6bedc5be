package org.adaptivesoftmax.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An argument that names a file to read: whether that can be done is known before anything else happens. */
public final class InputFile implements ITypeConverter<Path> {
  @Override
  public Path convert(String value) {
    Path file = Path.of(value);
    require(Files.exists(file), "no such file: " + value);
    require(!Files.isDirectory(file), "is a directory: " + value);
    require(Files.isReadable(file), "may not be read: " + value);
    return file;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new TypeConversionException(message);
    }
  }
}
