package org.adaptivesoftmax.server;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Messages as JSON, as TensorFlow Serving writes them: one space a level, every field that has no presence even if it is not
 * set, 64-bit integers as strings.
 */
final class ProtoJson {
  private final StringBuilder text = new StringBuilder();

  private ProtoJson() {}

  /** Ends with a line break. */
  static String of(Message message) {
    ProtoJson json = new ProtoJson();
    json.message(message, 0);
    return json.text.append('\n').toString();
  }

  private void message(Message message, int level) {
    List<FieldDescriptor> fields =
        message.getDescriptorForType().getFields().stream()
            .filter(field -> !field.hasPresence() || message.hasField(field))
            .toList();
    List<Runnable> members = new ArrayList<>();
    for (FieldDescriptor field : fields) {
      members.add(
          () -> {
            name(field.getName());
            field(message, field, level + 1);
          });
    }
    list('{', '}', members, level);
  }

  private void field(Message message, FieldDescriptor field, int level) {
    if (field.isMapField()) {
      entries(message, field, level);
    } else if (field.isRepeated()) {
      List<Runnable> elements = new ArrayList<>();
      for (Object element : (List<?>) message.getField(field)) {
        elements.add(() -> value(field, element, level + 1));
      }
      list('[', ']', elements, level);
    } else {
      value(field, message.getField(field), level);
    }
  }

  private void entries(Message message, FieldDescriptor field, int level) {
    FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
    FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
    List<Runnable> entries = new ArrayList<>();
    ((List<?>) message.getField(field))
        .stream()
            .map(Message.class::cast)
            .sorted(Comparator.comparing(entry -> entry.getField(key).toString()))
            .forEach(
                entry ->
                    entries.add(
                        () -> {
                          name(entry.getField(key).toString());
                          value(value, entry.getField(value), level + 1);
                        }));
    list('{', '}', entries, level);
  }

  private void value(FieldDescriptor field, Object value, int level) {
    switch (field.getJavaType()) {
      case MESSAGE -> message(wrapped((Message) value), value, level);
      case ENUM -> text.append('"').append(((EnumValueDescriptor) value).getName()).append('"');
      case STRING, LONG -> text.append(new JsonText().string(value.toString()));
      default -> text.append(value);
    }
  }

  private static boolean wrapped(Message message) {
    return message.getDescriptorForType().getFullName().equals("google.protobuf.Int64Value");
  }

  private void message(boolean wrapped, Object value, int level) {
    Message message = (Message) value;
    if (wrapped) {
      FieldDescriptor only = message.getDescriptorForType().findFieldByNumber(1);
      value(only, message.getField(only), level);
    } else {
      message(message, level);
    }
  }

  private void name(String name) {
    text.append(new JsonText().string(name)).append(": ");
  }

  private void list(char open, char close, List<Runnable> elements, int level) {
    text.append(open);
    for (int i = 0; i < elements.size(); i++) {
      text.append(i == 0 ? "\n" : ",\n").append(" ".repeat(level + 1));
      elements.get(i).run();
    }
    if (!elements.isEmpty()) {
      text.append('\n').append(" ".repeat(level));
    }
    text.append(close);
  }
}
