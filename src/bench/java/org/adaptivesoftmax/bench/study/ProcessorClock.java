package org.adaptivesoftmax.bench.study;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.adaptivesoftmax.training.ClassifierListener;

/**
 * Counts the processor time of the batches of a training, of all cores together. Other work on the machine, which the time on
 * the clock grows with, changes it little.
 */
final class ProcessorClock implements ClassifierListener {
  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private long mark = system.getProcessCpuTime();
  private long nanos;

  @Override
  public void batchDone(BatchDone batch) {
    long now = system.getProcessCpuTime();
    nanos += now - mark;
    mark = now;
  }

  /** What was between the last batch and this was validation. */
  @Override
  public void epochDone(Epoch epoch) {
    mark = system.getProcessCpuTime();
  }

  double seconds() {
    return (double) nanos / TimeUnit.SECONDS.toNanos(1);
  }
}
