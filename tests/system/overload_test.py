"""Admission at the edge: what is too much is refused at once, and what was taken is kept."""

import socket

import case


class Overload(case.ServerCase):
    server_settings = {"environment": {"CARILLON_HTTP_COMMANDS_IN_FLIGHT_MAX": "1"}}

    def test_what_is_over_the_limit_is_refused_and_nothing_is_lost(self):
        def create(_):
            return [self.server.post("/v1/tasks", {"task_type": "q"}) for _ in range(40)]

        answers = [answer for made in case.at_once(16, create) for answer in made]
        refused = [answer for answer in answers if answer.status != 201]
        self.assertTrue(refused, "sixteen clients at once are over a limit of one")
        for answer in refused:
            self.assert_problem(answer, 503)
            self.assertEqual(answer.headers["retry-after"], "1")
        self.assertEqual(self.total(), len(answers) - len(refused))


class GoneClient(case.ServerCase):
    def open_poll(self, connection, queue):
        body = b'{"wait":"PT30S","worker":"gone"}'
        head = (f"POST /v1/queues/{queue}/lease HTTP/1.1\r\nHost: localhost\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                f"Authorization: Bearer {self.server.token}\r\n\r\n")
        connection.sendall(head.encode() + body)

    def test_a_client_that_left_its_long_poll_gets_no_task(self):
        with socket.create_connection(("127.0.0.1", self.server.port)) as connection:
            self.open_poll(connection, "left")
            self.create(task_type="left")
            self.assertIn(b"200 OK", connection.recv(4096), "while it is there, it gets one")
            self.open_poll(connection, "left")
        # The answer to a later request shows that the server has seen the connection close.
        self.assertEqual(self.lease("other"), [])
        self.create(task_type="left")
        self.assertEqual(len(self.lease("left", wait="PT5S")), 1)


if __name__ == "__main__":
    case.main()
