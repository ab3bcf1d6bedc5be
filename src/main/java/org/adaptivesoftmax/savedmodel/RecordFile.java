package org.adaptivesoftmax.savedmodel;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.internal.io.Require;

/**
 * TFRecord files: each record is its length, 8 bytes, little-endian; the length's checksum; its bytes; their checksum. A
 * checksum is a CRC-32C, 4 bytes, masked as TensorFlow masks it.
 */
final class RecordFile {
  /** More than any number of requests to warm up with needs. */
  private static final long MAX_BYTES = 1 << 28;

  private static final int MASK_DELTA = 0xa282ead8;

  private RecordFile() {}

  static void write(Path file, List<byte[]> records) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      for (byte[] record : records) {
        byte[] length = bytes(Long.BYTES).putLong(record.length).array();
        out.write(length);
        out.write(bytes(Integer.BYTES).putInt(checksum(length)).array());
        out.write(record);
        out.write(bytes(Integer.BYTES).putInt(checksum(record)).array());
      }
    }
  }

  /**
   * Reads all records of a file that fits into memory.
   *
   * @throws IllegalArgumentException if it is no regular file or larger, ends within a record, or a checksum does not fit
   */
  static List<byte[]> read(Path file) throws IOException {
    ByteBuffer in =
        ByteBuffer.wrap(Files.readAllBytes(FileTree.requireRegular(file, MAX_BYTES)))
            .order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (in.hasRemaining()) {
      String record = "%s: record %d".formatted(file, records.size());
      long length = bytes(Long.BYTES).put(checked(in, Long.BYTES, record + ", length")).getLong(0);
      records.add(checked(in, length, record));
    }
    return records;
  }

  private static byte[] checked(ByteBuffer in, long length, String what) {
    long rest = in.remaining() - (long) Integer.BYTES;
    Require.argument(
        length >= 0 && length <= rest,
        "%s is cut off: %d of %d bytes",
        what,
        Math.max(0, rest),
        length);
    byte[] content = new byte[(int) length];
    in.get(content);
    Require.argument(in.getInt() == checksum(content), "%s does not fit its checksum", what);
    return content;
  }

  /** Rotated and shifted, as the checksum of data that holds checksums would tell little. */
  private static int checksum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
