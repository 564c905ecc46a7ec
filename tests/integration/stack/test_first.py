from support.stack.stack import Stack


def test_hello(stack: Stack):
    phone = stack.phone()
    print(phone.say("Hello"))
    for p in stack.processes:
        print(p.get("/ready").data, p.log)
    stack.settle()
