package org.adaptivesoftmax.internal.graph;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.DeviceSpec;
import org.tensorflow.ExecutionEnvironment;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.Scope;

/**
 * A scope whose ops live on one device, whatever kind of scope it wraps. The scope that TensorFlow Java 1.1 gives a gradient
 * callback forgets devices and control dependencies when it makes an op, so that a backward pass over several devices would
 * fetch whole weights to where the rest of the graph is; this one sets both itself.
 */
public final class PlacedScope implements Scope {
  private final Scope scope;
  private final String device;
  private final List<Operation> before;

  private PlacedScope(Scope scope, String device, List<Operation> before) {
    this.scope = scope;
    this.device = device;
    this.before = before;
  }

  /**
   * Builds ops on a device.
   *
   * @param device its name, in full or in part; empty leaves it to TensorFlow
   */
  public static Ops ops(Ops tf, String device) {
    return Ops.create(new Environment(new PlacedScope(tf.scope(), device, List.of())));
  }

  /** Builds ops where an op of the graph was told to live; anywhere, if it was not. */
  public static Ops beside(Ops tf, Op op) {
    String device = ((GraphOperation) op.op()).device();
    return device.isEmpty() ? tf : ops(tf, device);
  }

  @Override
  public OperationBuilder apply(OperationBuilder builder) {
    OperationBuilder applied = scope.apply(builder);
    before.forEach(applied::addControlInput);
    return device.isEmpty() ? applied : applied.setDevice(device);
  }

  @Override
  public String getDeviceString() {
    return device;
  }

  @Override
  public Scope withDevice(DeviceSpec other) {
    return new PlacedScope(scope, other.toString(), before);
  }

  @Override
  public Scope withControlDependencyOps(Iterable<Operation> operations) {
    List<Operation> all = new ArrayList<>(before);
    operations.forEach(all::add);
    return new PlacedScope(scope, device, List.copyOf(all));
  }

  @Override
  public Scope withSubScope(String name) {
    return wrapping(scope.withSubScope(name));
  }

  @Override
  public Scope withName(String name) {
    return wrapping(scope.withName(name));
  }

  @Override
  public Scope withNameAsSubScope(String name) {
    return wrapping(scope.withNameAsSubScope(name));
  }

  @Override
  public Scope withInitScope() {
    return wrapping(scope.withInitScope());
  }

  private Scope wrapping(Scope other) {
    return new PlacedScope(other, device, before);
  }

  @Override
  public ExecutionEnvironment env() {
    return scope.env();
  }

  @Override
  public String makeOpName(String name) {
    return scope.makeOpName(name);
  }

  @Override
  public String makeUnique(String name) {
    return scope.makeUnique(name);
  }

  @Override
  public void refreshNames() {
    scope.refreshNames();
  }

  @Override
  public boolean isInit() {
    return scope.isInit();
  }

  /** The scope's own environment, but for the base scope: the only way to an {@link Ops} with a scope of ours. */
  private record Environment(PlacedScope baseScope) implements ExecutionEnvironment {
    @Override
    public OperationBuilder opBuilder(String type, String name, Scope scope) {
      return baseScope.env().opBuilder(type, name, scope);
    }

    @Override
    public void attachFunction(org.tensorflow.ConcreteFunction function) {
      baseScope.env().attachFunction(function);
    }

    @Override
    public void checkInput(Operation input) {
      baseScope.env().checkInput(input);
    }

    @Override
    public Types environmentType() {
      return baseScope.env().environmentType();
    }

    @Override
    public boolean isInitializer(Operation operation) {
      return baseScope.env().isInitializer(operation);
    }
  }
}
