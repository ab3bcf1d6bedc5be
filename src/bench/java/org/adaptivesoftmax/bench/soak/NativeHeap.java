package org.adaptivesoftmax.bench.soak;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import com.sun.jna.Structure;
import com.sun.jna.Structure.FieldOrder;

/** The memory of this process that is not Java's heap, as GNU's allocator accounts for it. */
final class NativeHeap {
  private static final double BYTES_PER_MB = 1e6;

  private NativeHeap() {}

  /** The functions of the C library. */
  public interface Allocator extends Library {
    int malloc_trim(long pad);

    Info mallinfo2();
  }

  /** What {@code mallinfo2} tells, in bytes. */
  @FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static final class Info extends Structure implements Structure.ByValue {
    public long arena;
    public long ordblks;
    public long smblks;
    public long hblks;
    public long hblkhd;
    public long usmblks;
    public long fsmblks;
    public long uordblks;
    public long fordblks;
    public long keepcost;
  }

  /**
   * Gives back what is free: long texts that happen to be read at once leave much of it.
   *
   * @return what is in use, in MB (10⁶ bytes); 0 with another C library
   */
  static double giveBackFree() {
    if (!Platform.isLinux()) {
      return 0;
    }
    try {
      Allocator allocator = Native.load(Platform.C_LIBRARY_NAME, Allocator.class);
      allocator.malloc_trim(0);
      Info info = allocator.mallinfo2();
      return (info.uordblks + info.hblkhd) / BYTES_PER_MB;
    } catch (UnsatisfiedLinkError e) {
      return 0;
    }
  }
}
