package org.adaptivesoftmax.internal.weights;

import java.util.Optional;
import java.util.function.IntFunction;
import org.tensorflow.DeviceSpec;
import org.tensorflow.op.Ops;

/**
 * Puts a cluster's variables and ops on its device.
 *
 * @param deviceOf the device of a cluster, 0 being the head and i the i-th tail cluster; empty leaves it to TensorFlow
 */
public record Placement(IntFunction<Optional<DeviceSpec>> deviceOf) {
  /** Everything wherever TensorFlow puts it. */
  public static Placement anywhere() {
    return new Placement(cluster -> Optional.empty());
  }

  /** Ops on the device of a cluster: 0 for the head, i for the i-th tail cluster. */
  public Ops place(Ops tf, int cluster) {
    return deviceOf.apply(cluster).map(tf::withDevice).orElse(tf);
  }

  /** The device of a cluster in words, for messages. */
  public String device(int cluster) {
    return deviceOf.apply(cluster).map(DeviceSpec::toString).orElse("any");
  }
}
